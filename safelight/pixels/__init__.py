"""Text in pixels: frames in, frames out, and what is decided in between."""
