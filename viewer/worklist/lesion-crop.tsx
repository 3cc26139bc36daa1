import { useState } from 'react';
import type { Finding } from '../../services/domain/finding.ts';
import { isPlaced } from '../../services/domain/finding.ts';
import { cropUrl } from '../api.ts';
import { sizeBehind, sizeValue } from '../findings/size-words.ts';
import { useText } from '../locales/i18n.ts';
import { cropOf, cropQuery, cropWindow, ticks } from './crop-of.ts';
import { useImageSize } from './use-image-size.ts';

/** Pixels of the picture. */
const SIDE_PX = 88;

interface LesionCropProps {
  readonly StudyInstanceUID: string;
  readonly finding: Finding;
  /** Of its series. */
  readonly Modality: string | undefined;
}

/** The image of a finding cut out around it, with ticks at its corners. */
export function LesionCrop({ StudyInstanceUID, finding, Modality }: LesionCropProps) {
  const { t } = useText();
  const [isBroken, setBroken] = useState(false);
  const { SeriesInstanceUID, region } = finding;
  const key = { StudyInstanceUID, SeriesInstanceUID };
  const { size, isPending } = useImageSize(key, region.SOPInstanceUID, !isPlaced(finding));
  const crop = cropOf(region, size);
  const words = t('preview.crop', { index: finding.index, label: finding.label, mm: sizeValue(finding.diameterMm) });
  return (
    <figure className="crop" data-broken={isBroken || undefined}>
      {isBroken || isPending ? (
        <span className="crop-broken">{isBroken ? t('preview.noCrop') : null}</span>
      ) : (
        <>
          <img
            src={cropUrl(key, region, cropQuery(crop, SIDE_PX * 2, cropWindow(finding.label, Modality)))}
            alt={words}
            width={SIDE_PX}
            height={SIDE_PX}
            onError={() => setBroken(true)}
          />
          <svg viewBox={`0 0 ${crop.width} ${crop.height}`} aria-hidden="true">
            <path d={ticks(region, crop)} fill="none" />
          </svg>
        </>
      )}
      <figcaption>
        {finding.index}
        {sizeBehind(finding.diameterMm)}
      </figcaption>
    </figure>
  );
}
