import { describe, expect, it } from 'vitest';
import { type Arrangement, shownPlanes, useArrangement } from '../../../viewer/study/arrangement.ts';

const arranged = (changes: Partial<Arrangement>): Arrangement => ({ ...useArrangement.getInitialState(), ...changes });

describe('the planes on screen', () => {
  // biome-ignore format: a table
  it.each([
    ['three at first',                    {},                                               ['axial', 'sagittal', 'coronal']],
    ['the active one alone',              { maximised: true, active: 'coronal' },           ['coronal']],
    ['the active one beside the axial',   { layout: 'two', active: 'sagittal' },            ['axial', 'sagittal']],
    ['one beside a prior',                { comparing: true, layout: 'four' },              ['axial']],
  ] as const)('%s', (_name, changes, planes) => {
    expect(shownPlanes(arranged(changes), { obstacle: undefined })).toEqual(planes);
    // Where only reformats are missing, their panes say why.
    expect(shownPlanes(arranged(changes), { obstacle: 'uneven' })).toEqual(planes);
  });

  it('of a radiograph are one, whatever the layout of the reader', () => {
    for (const layout of ['one', 'two', 'three', 'four'] as const)
      expect(shownPlanes(arranged({ layout, active: 'coronal' }), { obstacle: 'noGeometry' })).toEqual(['axial']);
  });
});
