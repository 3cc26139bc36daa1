import { afterAll, describe, expect, it } from 'vitest';
import { detectOnFrame } from '../../services/detection/detect-on-frame.ts';
import { StageClock } from '../../services/imaging/stage-clock.ts';
import { axialGrid, ballVolume, discFrame, lesionsOf, openFixture } from './families/family-fixture.ts';

const VOLUMES = ['heatmap-3d', 'heatmap-25d', 'anchors-3d', 'segmentation-3d'] as const;
const FRAMES = ['yolo-v8', 'yolo-v5', 'boxes-bn6', 'boxes-torchvision', 'anchors-2d', 'cam-2d'] as const;
const gap = (a: readonly number[], b: readonly number[]) => Math.hypot(...b.map((mm, n) => mm - (a[n] ?? Number.NaN)));

describe.each(VOLUMES)('the family of %s', async (name) => {
  const fixture = await openFixture(name);
  afterAll(() => fixture.session.release());

  it('finds what the reference finds, in tiles and batches, in mm of the patient', async () => {
    const { golden, manifest } = fixture;
    if (!golden.volume) throw new Error('a volume');
    const found = await lesionsOf(fixture, ballVolume(axialGrid(golden.volume), golden.volume.spots));
    expect(found).toHaveLength(golden.findings.length);
    for (const { center = [], diameterMm, score, classId } of golden.findings) {
      const nearest = found.toSorted((a, b) => gap(a.center, center) - gap(b.center, center))[0];
      expect(gap(nearest?.center ?? [], center)).toBeLessThan(0.01);
      expect(nearest?.score).toBeCloseTo(score, 3);
      expect(nearest?.label).toBe(manifest.classes[classId]?.name);
      expect(nearest?.diameterMm).toBeCloseTo(diameterMm ?? 0, 2);
    }
  });
});

describe.each(FRAMES)('the family of %s', async (name) => {
  const { manifest, session, golden } = await openFixture(name);
  afterAll(() => session.release());

  it('finds what the reference finds, in pixels of the frame', async () => {
    if (!golden.frame) throw new Error('a frame');
    const frame = discFrame(golden.frame);
    const found = await detectOnFrame(frame, manifest, session, new StageClock(), () => {});
    expect(found).toHaveLength(golden.findings.length);
    for (const [n, { region = [], score, classId }] of golden.findings.entries()) {
      const { label, region: own, ...rest } = found[n] ?? {};
      expect(rest).toEqual({ score: expect.closeTo(score, 3), isApproximate: name === 'cam-2d' });
      expect(label).toBe(manifest.classes[classId]?.name);
      const [left = 0, top = 0, right = 0, bottom = 0] = region;
      const near = (pixels: number) => expect.closeTo(pixels, 2);
      expect(own).toEqual({
        SOPClassUID: frame.SOPClassUID,
        SOPInstanceUID: frame.SOPInstanceUID,
        frame: 1,
        ...{ left: near(left), top: near(top), right: near(right), bottom: near(bottom) },
      });
    }
  });
});
