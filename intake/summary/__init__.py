"""What the patient said, arranged for a clinician, whatever the form. Pure."""
