import { Component, type ReactNode } from 'react';
import { i18n } from '../locales/i18n.ts';

interface Props {
  readonly children: ReactNode;
}

/** A page that failed says so, in words; a blank one would look like "nothing found". */
export class ErrorBoundary extends Component<Props, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <main className="notice" role="alert">
        <h1>{i18n._('app.broken')}</h1>
        <button type="button" className="plain-button" onClick={() => location.reload()}>
          {i18n._('app.reload')}
        </button>
        <p className="research-banner">
          {'Research use only — not for diagnosis'} <span lang="zh-CN">仅供研究，不用于诊断</span>
        </p>
      </main>
    );
  }
}
