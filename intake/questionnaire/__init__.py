"""What is asked and the way through it: a typed FHIR R4 Questionnaire and its response, free of any framework."""
