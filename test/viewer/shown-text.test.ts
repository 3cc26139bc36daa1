import { describe, expect, it } from 'vitest';
import { personName } from '../../viewer/person-name.ts';
import { shown, shownText } from '../../viewer/shown-text.ts';

describe('text of strangers', () => {
  it.each([
    ['Zhang^San=张^三', 'Zhang^San=张^三'],
    ['قباني^لنزار', 'قباني^لنزار'],
    ['می\u200cخواهم', 'می\u200cخواهم'],
    ['e\u0301 line\nnext\tcolumn', 'e\u0301 line\nnext\tcolumn'],
    ['Smith\u202egpj.exe', 'Smith⟨202E⟩gpj.exe'],
    ['A\u2066B\u2069', 'A⟨2066⟩B⟨2069⟩'],
    ['Mul\u200bler', 'Mul⟨200B⟩ler'],
    ['\u001b$B;3', '⟨001B⟩$B;3'],
    ['nul\0', 'nul⟨0000⟩'],
  ])('%j is shown as %j', (text, words) => {
    expect(shownText(text)).toBe(words);
  });

  it('is shown so wherever it stands in an answer', () => {
    const answer = JSON.stringify({ studies: [{ PatientName: 'Doe^\u202enhoJ', seriesCount: 1, runs: [null] }] });
    const parsed = JSON.parse(answer, shown);
    expect(parsed).toEqual({ studies: [{ PatientName: 'Doe^⟨202E⟩nhoJ', seriesCount: 1, runs: [null] }] });
    expect(personName(parsed.studies[0].PatientName)).toEqual(['Doe, ⟨202E⟩nhoJ']);
  });
});
