"""What several tests need: places, sites, browsers."""
