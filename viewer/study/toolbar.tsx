import { Button, SegmentedControl } from '@mantine/core';
import { BoundKey } from '../bindings/bound-key.tsx';
import { Icon } from '../icon.tsx';
import { useText } from '../locales/i18n.ts';
import { chooseTool, useMeasureState } from '../measure/measure-state.ts';
import { MEASURE_TOOLS } from '../measure/measurement.ts';
import type { ImageSeries } from '../series/image-series.ts';
import { type DragTool, nextOverlay, setView, useViewState } from '../state.ts';
import type { ViewerEngine } from '../viewer-engine.ts';
import { arrange, faster, LAYOUTS, type Layout, nextSlab, thicker, useArrangement } from './arrangement.ts';
import { ToolButton } from './tool-button.tsx';
import { chooseMeasureTool, choosePreset, chooseSlab, presetsOf } from './tool-choices.ts';
import type { PresetId } from './window-presets.ts';

const TOOLS = ['window', 'pan', 'zoom', 'scroll'] as const satisfies readonly DragTool[];

interface ToolbarProps {
  readonly engine: ViewerEngine | undefined;
  readonly series: ImageSeries | undefined;
  readonly onHelp: () => void;
}

export function Toolbar({ engine, series, onHelp }: ToolbarProps) {
  const { t } = useText();
  const { preset, tool, overlay } = useViewState();
  const measuring = useMeasureState((state) => state.tool);
  const presets = presetsOf(series);
  const drag = (value: DragTool) => {
    chooseTool(undefined);
    setView({ tool: value });
  };
  return (
    <div className="toolbar" role="toolbar" aria-label={t('tool.bar')}>
      {presets.length > 0 ? (
        <SegmentedControl
          size="xs"
          aria-label={t('tool.presets')}
          value={preset ?? ''}
          onChange={(value) => choosePreset(value as PresetId, series)}
          data={presets.map((choice) => ({
            value: choice.id,
            label: (
              <>
                {t(`tool.${'name' in choice ? choice.name : choice.id}`)} <BoundKey action={choice.id} />
              </>
            ),
          }))}
        />
      ) : null}
      <SegmentedControl
        size="xs"
        aria-label={t('tool.drag')}
        value={measuring ? '' : tool}
        onChange={(value) => drag(value as DragTool)}
        data={TOOLS.map((value) => ({ value, label: t(`tool.${value}`) }))}
      />
      <fieldset className="tool-group">
        <legend>{t('measure.title')}</legend>
        {MEASURE_TOOLS.map((name) => (
          <ToolButton
            key={name}
            icon={name}
            name={t(`measure.${name}`)}
            action={name}
            pressed={measuring === name}
            onPress={() => chooseMeasureTool(measuring === name ? undefined : name)}
          />
        ))}
      </fieldset>
      <SlabTools />
      <ViewTools engine={engine} />
      <Button
        size="compact-xs"
        variant="default"
        data-overlay={overlay}
        onClick={() => setView({ overlay: nextOverlay(overlay) })}
      >
        {t('tool.overlay', { overlay: t(`overlay.${overlay}`) })} <BoundKey action="overlay" />
      </Button>
      {engine?.progress().drawing === 'software' ? (
        <span className="drawing-note" title={t('engine.software')}>
          <Icon name="warning" size={13} /> <span>{t('engine.software')}</span>
        </span>
      ) : null}
      <ToolButton icon="keyboard" name={t('app.keys')} action="help" onPress={onHelp} />
    </div>
  );
}

function SlabTools() {
  const { t } = useText();
  const { slab, slabMm } = useArrangement();
  const mm = t('measure.mm', { value: slabMm });
  return (
    <fieldset className="tool-group">
      <legend>{t('slab.title')}</legend>
      <ToolButton
        icon="slab"
        name={slab ? t('slab.named', { mode: t(`slab.${slab}`), mm }) : t('slab.off')}
        action="slab"
        pressed={slab !== undefined}
        onPress={() => chooseSlab(nextSlab(slab))}
      >
        {slab ? t(`slab.${slab}`) : t('slab.short')}
      </ToolButton>
      {slab ? (
        <>
          <ToolButton
            icon="minus"
            name={t('slab.thinner')}
            action="thinner"
            onPress={() => arrange({ slabMm: thicker(slabMm, -2) })}
          />
          <output className="tool-value">{mm}</output>
          <ToolButton
            icon="plus"
            name={t('slab.thicker')}
            action="thicker"
            onPress={() => arrange({ slabMm: thicker(slabMm, 2) })}
          />
        </>
      ) : null}
    </fieldset>
  );
}

const LAYOUT_ICON = {
  one: 'layoutOne',
  two: 'layoutTwo',
  three: 'layoutThree',
  four: 'layoutFour',
} as const satisfies Record<Layout, string>;

function ViewTools({ engine }: { readonly engine: ViewerEngine | undefined }) {
  const { t } = useText();
  const { layout, maximised, inverted, cine, framesPerSecond, comparing } = useArrangement();
  const rate = (by: number) => arrange({ framesPerSecond: faster(framesPerSecond, by) });
  return (
    <>
      <fieldset className="tool-group">
        <legend>{t('layout.title')}</legend>
        {LAYOUTS.map((name) => (
          <ToolButton
            key={name}
            icon={LAYOUT_ICON[name]}
            name={t(`layout.${name}`)}
            pressed={!maximised && !comparing && layout === name}
            onPress={() => arrange({ layout: name, maximised: false, comparing: false })}
          />
        ))}
        <ToolButton
          icon="maximise"
          name={t('layout.maximise')}
          action="maximise"
          pressed={maximised}
          onPress={() => arrange({ maximised: !maximised })}
        />
        <ToolButton
          icon="prior"
          name={t('layout.prior')}
          action="prior"
          pressed={comparing}
          onPress={() => arrange({ comparing: !comparing, maximised: false })}
        />
      </fieldset>
      <fieldset className="tool-group">
        <legend>{t('cine.title')}</legend>
        <ToolButton
          icon={cine ? 'pause' : 'cine'}
          name={cine ? t('cine.stop') : t('cine.start')}
          action="cine"
          pressed={cine}
          onPress={() => arrange({ cine: !cine })}
        />
        {cine ? (
          <>
            <ToolButton icon="minus" name={t('cine.slower')} onPress={() => rate(-3)} />
            <output className="tool-value">{t('cine.rate', { rate: framesPerSecond })}</output>
            <ToolButton icon="plus" name={t('cine.faster')} onPress={() => rate(3)} />
          </>
        ) : null}
      </fieldset>
      <fieldset className="tool-group">
        <legend>{t('tool.view')}</legend>
        <ToolButton icon="fit" name={t('tool.fit')} action="fit" onPress={() => engine?.fit()} />
        <ToolButton
          icon="invert"
          name={t('tool.invert')}
          action="invert"
          pressed={inverted}
          onPress={() => arrange({ inverted: !inverted })}
        />
      </fieldset>
    </>
  );
}
