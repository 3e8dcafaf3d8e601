"""The journal: accepted events on disk, in Redis streams, until they are applied or dead-lettered."""
