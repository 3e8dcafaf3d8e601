"""The search port on Elasticsearch 9."""
