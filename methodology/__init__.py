"""How we count: standards, admission, standing, timelines and postings. Pure: values in, values out."""
