"""Charts as SVG, drawn on the server from plain values: no script, no style, every number of them in a table too."""
