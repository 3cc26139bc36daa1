import { SegmentedControl } from '@mantine/core';
import { chooseLanguage, LANGUAGES, useText } from '../locales/i18n.ts';

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
