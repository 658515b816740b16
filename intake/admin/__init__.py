"""The admin's door: takes data out, de-identified unless asked for more with a reason; opens no response."""
