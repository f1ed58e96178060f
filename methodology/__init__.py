"""How we count: admission, standing and postings, each rule numbered in RULES.md. Pure: values in, values out."""
