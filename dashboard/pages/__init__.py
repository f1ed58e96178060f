"""The pages, one file each: what it asks, and what its template is given."""
