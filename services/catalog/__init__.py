"""The catalogue: workshops, series, venues, dated sessions and the import of a listing."""
