"""The only code that runs beside student code. Imports the standard library, numpy, torch and itself."""
