import { LesionDensity } from '../../services/domain/finding.ts';
import type { MessageKey } from '../locales/en.ts';
import { useText } from '../locales/i18n.ts';
import type { useGuidelines } from './use-guidelines.ts';

interface GuidelineInputsProps {
  readonly guidelines: ReturnType<typeof useGuidelines>;
}

const COURSES = ['baseline', 'new', 'stable', 'growing', 'slowlyGrowing'] as const;
const CATEGORIES = ['2', '3', '4A', '4B'] as const;
const MAX_AGE = 130;

/** Every input of both guidelines; what is of the patient is set once for all nodules. */
export function GuidelineInputs({ guidelines }: GuidelineInputsProps) {
  const { t } = useText();
  const { input, readOnly, sayOfPatient: ofPatient, sayOfNodule: ofNodule } = guidelines;
  const numberOf = (text: string, most: number): number | undefined => {
    const value = Number(text);
    return text.trim() !== '' && value >= 0 && value <= most ? value : undefined;
  };
  return (
    <fieldset className="guideline-inputs" disabled={readOnly} aria-label={t('guide.inputs')}>
      <Choice
        name="density"
        value={input.density}
        options={LesionDensity.options.map((density) => [density, t(`density.${density}`)])}
        onChange={(value) => ofNodule({ density: LesionDensity.safeParse(value).data })}
      />
      {input.density === 'partSolid' ? (
        <Amount name="solidMm" value={input.solidMm} onChange={(text) => ofNodule({ solidMm: numberOf(text, 500) })} />
      ) : null}
      <Choice
        name="course"
        value={input.course}
        options={COURSES.map((course) => [course, t(`guide.course.${course}`)])}
        onChange={(value) => ofNodule({ course: COURSES.find((course) => course === value) })}
      />
      {input.course === 'stable' ? (
        <Choice
          name="priorCategory"
          value={input.priorCategory}
          options={CATEGORIES.map((category) => [category, category])}
          onChange={(value) => ofNodule({ priorCategory: CATEGORIES.find((category) => category === value) })}
        />
      ) : null}
      <YesNo name="juxtapleural" value={input.juxtapleural} onChange={(juxtapleural) => ofNodule({ juxtapleural })} />
      <YesNo name="benign" value={input.benign} onChange={(benign) => ofNodule({ benign })} />
      <YesNo name="suspicious" value={input.suspicious} onChange={(suspicious) => ofNodule({ suspicious })} />
      <YesNo name="screening" value={input.screening} onChange={(screening) => ofPatient({ screening })} />
      <YesNo name="incidental" value={input.incidental} onChange={(incidental) => ofPatient({ incidental })} />
      <Amount
        name="ageYears"
        value={input.ageYears}
        onChange={(text) => ofPatient({ ageYears: numberOf(text, MAX_AGE) })}
      />
      <Choice
        name="risk"
        value={input.risk}
        options={(['low', 'high'] as const).map((risk) => [risk, t(`guide.risk.${risk}`)])}
        onChange={(value) => ofPatient({ risk: value === 'low' || value === 'high' ? value : undefined })}
      />
      <YesNo name="multiple" value={input.multiple} onChange={(multiple) => ofPatient({ multiple })} />
      <YesNo name="knownCancer" value={input.knownCancer} onChange={(knownCancer) => ofPatient({ knownCancer })} />
      <YesNo
        name="immunosuppressed"
        value={input.immunosuppressed}
        onChange={(immunosuppressed) => ofPatient({ immunosuppressed })}
      />
    </fieldset>
  );
}

type Name = MessageKey extends infer Key ? (Key extends `guide.input.${infer Input}` ? Input : never) : never;

interface ChoiceProps {
  readonly name: Name;
  readonly value: string | undefined;
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly onChange: (value: string) => void;
}

function Choice({ name, value, options, onChange }: ChoiceProps) {
  const { t } = useText();
  return (
    <label>
      <span>{t(`guide.input.${name}`)}</span>
      <select data-input={name} value={value ?? ''} onChange={({ target }) => onChange(target.value)}>
        <option value="">{t('guide.unknown')}</option>
        {options.map(([option, words]) => (
          <option key={option} value={option}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

interface YesNoProps {
  readonly name: Name;
  readonly value: boolean | undefined;
  readonly onChange: (value: boolean | undefined) => void;
}

function YesNo({ name, value, onChange }: YesNoProps) {
  const { t } = useText();
  return (
    <Choice
      name={name}
      value={value === undefined ? undefined : String(value)}
      options={[
        ['true', t('guide.yes')],
        ['false', t('guide.no')],
      ]}
      onChange={(chosen) => onChange(chosen === '' ? undefined : chosen === 'true')}
    />
  );
}

interface AmountProps {
  readonly name: Name;
  readonly value: number | undefined;
  readonly onChange: (text: string) => void;
}

function Amount({ name, value, onChange }: AmountProps) {
  const { t } = useText();
  return (
    <label>
      <span>{t(`guide.input.${name}`)}</span>
      <input
        type="number"
        inputMode="decimal"
        min={0}
        data-input={name}
        placeholder={t('guide.unknown')}
        value={value ?? ''}
        onChange={({ target }) => onChange(target.value)}
      />
    </label>
  );
}
