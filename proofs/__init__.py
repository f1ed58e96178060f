"""Hashes, Merkle trees, tiles and signed notes: values in, values out."""
