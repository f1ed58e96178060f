"""The words on the wire: Avro schemas, the codec, the registry and upcasting."""
