"""Where papers come from. A source lists entries; the engine cuts them into immutable parts."""
