// Prepares a vendor's specification for the proxy: puts the corrections in, and the base path into the paths,
// because the proxy looks at paths only.
//
//   node specification.mjs SPECIFICATION CORRECTIONS OUT
//
// A correction is {at: JSON pointer, because: reason} and one of set (the new value; null removes) and copy (a
// pointer to another part of the document). One that changes nothing is a mistake: the specification is not the
// one it was written for.
import { readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import yaml from 'js-yaml';

const [source, corrections, out] = process.argv.slice(2);
const document = yaml.load(readFileSync(source, 'utf8'));

const steps = pointer => pointer.split('/').slice(1).map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'));
const at = pointer => steps(pointer).reduce((node, step) => node?.[step], document);

for (const { at: pointer, set, copy, because } of yaml.load(readFileSync(corrections, 'utf8')) ?? []) {
  const fail = why => { throw new Error(`${corrections}: ${pointer}: ${why}`); };
  if (!because) fail('a correction needs its reason');
  const path = steps(pointer);
  const last = path.pop();
  const parent = path.reduce((node, step) => node?.[step], document);
  if (parent === undefined) fail('the specification has no such place');
  const value = copy === undefined ? set : structuredClone(at(copy) ?? fail(`nothing to copy at ${copy}`));
  if (value === null ? !(last in parent) : isDeepStrictEqual(parent[last], value)) fail('this is so already');
  if (value !== null) parent[last] = value;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
}

const base = document.basePath ?? '';
document.paths = Object.fromEntries(Object.entries(document.paths).map(([path, item]) => [base + path, item]));
delete document.basePath;
writeFileSync(out, JSON.stringify(document, null, 1));
