const CJK = /[\p{Script=Han}\p{Script=Hangul}]/u;

/** Family, given, middle, prefix, suffix (PS3.5 §6.2.1.1). */
function formatGroup(group: string): string {
  const [family = '', given = '', middle = '', prefix = '', suffix = ''] = group.split('^').map((part) => part.trim());
  if (CJK.test(group)) return [prefix, family + given + middle, suffix].filter(Boolean).join(' ');
  const rest = [prefix, given, middle, suffix].filter(Boolean).join(' ');
  return family && rest ? `${family}, ${rest}` : family || rest;
}

/** Every group of a PN that is there: the native script first, as the patient writes it. */
export function personName(value: string): readonly string[] {
  const [alphabetic = '', ideographic = '', phonetic = ''] = value.split('=').map(formatGroup);
  return [...new Set([ideographic, alphabetic, phonetic].filter(Boolean))];
}
