import { SegmentedControl } from '@mantine/core';
import { chooseLanguage, useText } from '../locales/i18n.ts';
import { LANGUAGES } from '../locales/languages.ts';

export function LanguageSwitch() {
  const { t, language } = useText();
  return (
    <SegmentedControl
      size="xs"
      aria-label={t('app.language')}
      value={language}
      onChange={chooseLanguage}
      data={LANGUAGES.map(({ tag, short }) => ({ value: tag, label: <span lang={tag}>{short}</span> }))}
    />
  );
}
