import { CROP_MM, circleMm, type GalleryItem } from '../gallery.ts';
import { fixed } from './format.ts';
import { type Html, html, trusted } from './html.ts';

/** The worst cases with their pictures: what a reader would complain about first. */
export function galleryCard(items: readonly GalleryItem[]): Html {
  if (items.length === 0) return html``;
  const part = (kind: GalleryItem['kind'], title: string) => {
    const own = items.filter((item) => item.kind === kind);
    return own.length === 0 ? html`` : html`<h4>${title}</h4><div class="gallery">${own.map(card)}</div>`;
  };
  const isOnImages = items.some(({ outline }) => outline !== undefined);
  return html`<div class="card row"><h3>Worst cases</h3><p class="soft">${isOnImages ? ON_IMAGES : IN_PATIENTS}</p>
    ${part('missed', 'missed at the default operating point, largest first')}
    ${part('false mark', 'false marks, most certain first')}</div>`;
}

const IN_PATIENTS = `Squares of ${CROP_MM} mm from the slice nearest to the centre, lung window (−600 / 1500 HU); the circle has the size of the lesion or mark.`;
const ON_IMAGES = 'The part of the image around the box of the lesion or mark, in the window of the image.';

/** Strata whose value says which they are. */
const SELF_EVIDENT = ['density', 'site'];

function card(item: GalleryItem): Html {
  const image = item.png
    ? html`<img alt="${item.kind} on ${item.scan}" src="data:image/png;base64,${trusted(Buffer.from(item.png).toString('base64'))}"><svg viewBox="0 0 100 100" aria-hidden="true">${shape(item)}</svg>`
    : html`<div class="none">no picture</div>`;
  const size = item.diameterMm !== undefined && item.diameterMm > 0 ? `${fixed(item.diameterMm, 1)} mm` : '';
  const strata = Object.entries(item.strata)
    .map(([name, value]) => (SELF_EVIDENT.includes(name) ? value : `${name} ${value}`))
    .join(', ');
  const score = item.score === undefined ? 'no mark' : `score ${fixed(item.score, 3)}`;
  return html`<figure class="${item.kind === 'missed' ? 'missed' : 'false'}"><div>${image}</div><figcaption><b>${item.kind === 'missed' ? size || 'lesion' : score}</b> ${item.kind === 'missed' ? score : size}<br>${item.scan}${item.slice === undefined ? '' : `, image ${item.slice}`}${strata === '' ? '' : html`<br>${strata}`}</figcaption></figure>`;
}

/** On a square picture of 100 x 100. */
function shape(item: GalleryItem): Html {
  const { outline } = item;
  if (!outline) {
    const radius = (circleMm(item) / 2 / CROP_MM) * 100 + 3;
    return html`<circle cx="50" cy="50" r="${radius.toFixed(1)}" vector-effect="non-scaling-stroke"/>`;
  }
  const [x, y, width, height] = [outline.left, outline.top, outline.width, outline.height].map((edge) =>
    edge.toFixed(1),
  );
  return html`<rect x="${x}" y="${y}" width="${width}" height="${height}" vector-effect="non-scaling-stroke"/>`;
}
