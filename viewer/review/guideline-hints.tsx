import { Button } from '@mantine/core';
import { fleischnerWords, lungRadsWords, ruleWords } from '../../services/domain/guidelines/advice-words.ts';
import { type FleischnerAdvice, fleischner } from '../../services/domain/guidelines/fleischner.ts';
import { type LungRadsAdvice, lungRads } from '../../services/domain/guidelines/lung-rads.ts';
import { meanDiameter } from '../../services/domain/guidelines/nodule-size.ts';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import type { Translate } from '../locales/translate.ts';
import { GuidelineInputs } from './guideline-inputs.tsx';
import type { ListedFinding } from './listed-findings.ts';
import { useGuidelines } from './use-guidelines.ts';

type Advice = LungRadsAdvice | FleischnerAdvice;

/** Closed until it is opened: what two guidelines make of the nodule, from inputs that are shown and can be set. */
export function GuidelineHints({ finding }: { readonly finding: ListedFinding }) {
  const { t, language } = useText();
  const guidelines = useGuidelines(finding);
  const { input } = guidelines;
  const [lung, flei] = [lungRads(input), fleischner(input)];
  const short = [
    ...(lung.outcome === 'result' ? [`Lung-RADS ${lung.category}`] : []),
    ...(flei.outcome === 'result' ? ['Fleischner'] : []),
  ].join(' · ');
  const mean = meanDiameter(input);
  return (
    <details className="guideline">
      <summary>
        {t('guide.title')} <small>{short || t('guide.calculated')}</small>
      </summary>
      <p className="quiet-note">
        {t('guide.calculated')}
        {mean === undefined ? '' : ` · ${t('guide.meanMm')} ${mean.toFixed(1)}`}
      </p>
      <Hint
        name="lungRads"
        advice={lung}
        finding={finding}
        words={lung.outcome === 'result' ? lungRadsWords(lung.category, language) : ''}
        category={lung.outcome === 'result' ? t('guide.category', { category: lung.category }) : ''}
      />
      <Hint
        name="fleischner"
        advice={flei}
        finding={finding}
        words={flei.outcome === 'result' ? fleischnerWords(flei.category, language) : ''}
        category=""
      />
      <GuidelineInputs guidelines={guidelines} />
    </details>
  );
}

interface HintProps {
  readonly name: 'lungRads' | 'fleischner';
  readonly advice: Advice;
  readonly finding: ListedFinding;
  readonly words: string;
  readonly category: string;
}

function Hint({ name, advice, finding, words, category }: HintProps) {
  const { t, language } = useText();
  const { taken, take, readOnly } = useGuidelines(finding);
  const isTaken = advice.outcome === 'result' && taken[name] === advice.category;
  const turn = () => {
    if (advice.outcome === 'result') take({ [name]: isTaken ? undefined : advice.category });
  };
  return (
    <div className="hint" data-guideline={name} data-outcome={advice.outcome}>
      <strong>{t(`guide.${name}`)}</strong>
      {advice.outcome === 'result' ? (
        <>
          <p>
            {category ? <b>{category}. </b> : null}
            {words}
          </p>
          <p className="quiet-note">{t('guide.rule', { rule: ruleWords(advice.rule, language) })}</p>
          <Button size="compact-xs" variant="default" aria-pressed={isTaken} disabled={readOnly} onClick={turn}>
            {isTaken ? <Icon name="delivered" size={12} /> : null}
            {t(isTaken ? 'guide.taken' : 'guide.take')}
          </Button>
        </>
      ) : (
        <p className="quiet-note">{whyNot(advice, t)}</p>
      )}
    </div>
  );
}

function whyNot(advice: Exclude<Advice, { outcome: 'result' }>, t: Translate): string {
  switch (advice.outcome) {
    case 'missing':
      return t('guide.missing', { list: advice.missing.map((name) => t(`guide.input.${name}`)).join(', ') });
    case 'notApplicable':
      return t('guide.notApplicable', { because: t(`guide.because.${advice.because}`) });
    default:
      return t(`guide.${advice.outcome}`);
  }
}
