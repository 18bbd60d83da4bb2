"""What each file of `config/` may say, as pydantic models: unknown keys are refused, every value is checked."""
