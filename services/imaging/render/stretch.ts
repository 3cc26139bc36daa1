import type { Picture } from '../../dicom/pixel/picture.ts';
import type { Size } from './picture-size.ts';

export interface SizedPicture extends Picture, Size {}

/**
 * Stretches a picture to a size that is larger along one side, linearly between the centres of its pixels. Not by sharp,
 * which moves what it enlarges by half a pixel, along the other side too (measured with 0.35).
 */
export function stretched(picture: SizedPicture, { width, height }: Size): SizedPicture {
  if (width > picture.width) return stretchedWidth(picture, width);
  if (height <= picture.height) return picture;
  // Rows side by side are one long row for whoever looks down.
  const rowAsPixel = { ...picture, width: picture.height, height: 1, channels: picture.width * picture.channels };
  return { ...picture, samples: stretchedWidth(rowAsPixel, height).samples, height };
}

type Pixels = Omit<SizedPicture, 'channels'> & { readonly channels: number };

function stretchedWidth<Kind extends Pixels>(picture: Kind, width: number): Kind {
  const { samples, channels, height } = picture;
  const out = new Uint8Array(width * height * channels);
  for (let x = 0; x < width; x++) {
    const at = Math.min(picture.width - 1, Math.max(0, ((x + 0.5) * picture.width) / width - 0.5));
    const left = Math.floor(at);
    const right = Math.min(picture.width - 1, left + 1);
    const share = at - left;
    for (let y = 0; y < height; y++) {
      const from = y * picture.width;
      for (let channel = 0; channel < channels; channel++) {
        const [a = 0, b = 0] = [
          samples[(from + left) * channels + channel],
          samples[(from + right) * channels + channel],
        ];
        out[(y * width + x) * channels + channel] = Math.round(a + share * (b - a));
      }
    }
  }
  return { ...picture, samples: out, width };
}
