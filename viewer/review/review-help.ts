import type { HelpGroup } from '../study/study-keys.ts';

/** The keys of a review, for the help. */
// biome-ignore format: a table
export const REVIEW_HELP: HelpGroup = { title: 'keys.review', rows: [
  [['A', 'X', 'D'],       'keys.verdicts'],
  [['E', 'M'],            'keys.edit'],
  [['U', 'Ctrl Y'],       'keys.undo'],
  [['Ctrl S', 'Ctrl ↵'],  'keys.save'],
  [['V'],                 'keys.reveal'],
  [['Y'],                 'keys.summary'],
] };
