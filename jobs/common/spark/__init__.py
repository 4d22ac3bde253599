"""Create the Spark session and distribute work to it."""
