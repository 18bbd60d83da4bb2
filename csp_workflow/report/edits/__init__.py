"""A paper as people edit it in Word: what they wrote is found, kept through every draft, and shown."""
