import {
  to = daytona_registry.images
  id = "images"
}
