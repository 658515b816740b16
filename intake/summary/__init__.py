"""What the patient said, arranged for a clinician. Pure; the one package that knows this consultation's linkIds."""
