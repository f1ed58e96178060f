"""How commands speak to people: options, tables, output, errors as exit codes."""
