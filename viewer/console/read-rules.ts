import { type JsonFault, jsonFault } from './json-fault.ts';

/** What an editor has typed: rules to be tried, or why they cannot be. */
export type ReadRules =
  | { readonly rules: readonly unknown[] }
  | { readonly fault: JsonFault }
  | { readonly fault: 'shape' };

/** The text of a file of rules, or its list alone. What the rules say is judged by the server. */
export function readRules(text: string): ReadRules {
  const fault = jsonFault(text);
  if (fault !== undefined) return { fault };
  const value: unknown = JSON.parse(text);
  if (Array.isArray(value)) return { rules: value };
  if (typeof value !== 'object' || value === null) return { fault: 'shape' };
  const [[name, rules] = [], ...others] = Object.entries(value);
  return name === 'rules' && Array.isArray(rules) && others.length === 0 ? { rules } : { fault: 'shape' };
}
