export type { ImageResolution, ImageResolver } from "../../kit/image-resolution";
