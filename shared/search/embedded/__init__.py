"""The embedded engine: tantivy for words; SQLite as document store, version authority and outbox."""
