// looks.mjs BUILD PICTURES: see tests/looks.sh.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import {chromium} from 'playwright-core';
import {changedWorld, largeWorld, leaverWorld} from './world.mjs';

const [build, pictures] = process.argv.slice(2);
const output = path.join(build, 'looks');
const accept = Boolean(process.env.USHER_ACCEPT);
mkdirSync(pictures, {recursive: true});

const worlds = [await changedWorld(build, path.join(output, 'changed')), await largeWorld(build, path.join(output, 'large')),
  await leaverWorld(build, path.join(output, 'leaver'))];
for (const world of worlds) world.usher(['plan', '--report', 'plan.html'], [2, 4]);
const [changed, large, leaver] = worlds;

const browser = await chromium.launch({executablePath: '/usr/bin/chromium', args: process.getuid() === 0 ? ['--no-sandbox'] : []});

// Opens a report of a world and gathers whatever it asks for or complains of.
async function open(world, options = {}, file = 'plan.html') {
  const page = await browser.newPage({viewport: {width: 1280, height: 900}, ...options});
  page.complaints = [];
  page.on('console', message => message.type() === 'error' && page.complaints.push(message.text()));
  page.on('pageerror', error => page.complaints.push(String(error)));
  page.on('request', request => request.url().startsWith('http') && page.complaints.push(`asked for ${request.url()}`));
  await page.goto(pathToFileURL(path.join(world.folder, file)).href);
  return page;
}

// What differs from run to run is not part of a picture.
const steady = () => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const parents = new Set(['SCRIPT', 'STYLE']);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (parents.has(node.parentNode.nodeName)) continue;
    node.textContent = node.textContent.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '2026-01-01T00:00:00Z').replace(/\b[0-9a-f]{12}\b/, '0123456789ab')
      .replace(/made by usher [^.]*\.[^ ]*\./, 'made by usher.');
  }
};

// The share of pixels that differ by more than a shade.
async function difference(one, other) {
  const page = await browser.newPage();
  const share = await page.evaluate(async images => {
    const read = async data => {
      const image = new Image();
      image.src = `data:image/png;base64,${data}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [image.width, image.height];
      const context = canvas.getContext('2d');
      context.drawImage(image, 0, 0);
      return {width: image.width, height: image.height, data: context.getImageData(0, 0, image.width, image.height).data};
    };
    const [a, b] = await Promise.all(images.map(read));
    if (a.width !== b.width || Math.abs(a.height - b.height) > 40) return 1;
    const size = Math.min(a.data.length, b.data.length);
    let count = 0;
    for (let i = 0; i < size; i += 4)
      if (Math.max(Math.abs(a.data[i] - b.data[i]), Math.abs(a.data[i + 1] - b.data[i + 1]), Math.abs(a.data[i + 2] - b.data[i + 2])) > 48) ++count;
    return count / (size / 4);
  }, [one.toString('base64'), other.toString('base64')]);
  await page.close();
  return share;
}

async function picture(page, name) {
  await page.evaluate(steady);
  const now = await page.screenshot({fullPage: true, animations: 'disabled'});
  writeFileSync(path.join(output, `${name}.png`), now);
  const kept = path.join(pictures, `${name}.png`);
  if (accept) return writeFileSync(kept, now);
  assert(existsSync(kept), `there is no picture ${name}; USHER_ACCEPT=1 makes it`);
  const share = await difference(readFileSync(kept), now);
  assert(share < 0.01, `${name} differs in ${(100 * share).toFixed(1)} % of its pixels: compare ${output}/${name}.png`);
}

// Nothing else runs meanwhile, and the browser has opened a page before.
async function milliseconds() {
  const times = [];
  for (let i = 0; i < 3; ++i) {
    const began = performance.now();
    const page = await open(large);
    await page.locator('#rows tr.change').first().waitFor();
    times.push(Math.round(performance.now() - began));
    await page.close();
  }
  return times;
}
await (await open(changed)).close();
console.log(`10,000 changes (${Math.round(statSync(path.join(large.folder, 'plan.html')).size / 1024)} KiB) opened in ${(await milliseconds()).join(', ')} ms, measured alone`);

const rows = page => page.locator('#rows tr.change').count();
const shown = page => page.locator('#shown').textContent();

const checks = {
  async 'the report says what, how many and why, and loads nothing'() {
    const page = await open(changed);
    assert.match(await page.locator('#headline').textContent(), /would be made · 12 held by guards · 1 note needs attention/);
    assert.match(await page.locator('#guards').textContent(), /hr: vanished-records/);
    assert.equal(await page.locator('#rows tr.change').first().locator('.kind').textContent(), 'update', 'what is held comes last');
    assert.match(await page.locator('#guards').textContent(), /iot: removals/);
    await picture(page, 'light');
    assert.deepEqual(page.complaints, []);
    await page.close();
  },
  async 'removals come first, and bars show how far guards are used'() {
    const page = await open(leaver);
    assert.deepEqual(await page.locator('#rows tr.change .kind').allTextContents(), ['disable', 'update'], 'removals first');
    const bar = page.locator('.guard', {hasText: 'iot: removals'});
    assert.match(await bar.textContent(), /1 used, 6 allowed/);
    assert.equal(await bar.locator('.stack span').count(), 1);
    assert.match(await bar.locator('.stack span').getAttribute('style'), /^width: 16\.6/);
    assert.equal(await bar.locator('p').count(), 0, 'it holds nothing');
    assert.deepEqual(page.complaints, []);
    await page.close();
    const {plan} = JSON.parse(leaver.usher(['plan', '--offline', '--output', 'json'], [2]));
    leaver.usher(['show', plan.digest.slice(0, 12), '--report', 'kept.html']);
    const kept = await open(leaver, {}, 'kept.html');
    assert.match(await kept.locator('#guards').textContent(), /only the guards that hold something are known/);
    await kept.close();
  },
  async 'data is shown and never run'() {
    const page = await open(changed);
    await page.locator('#search').fill('p12@example.com');
    await page.locator('#rows tr.change').first().click();
    const detail = await page.locator('tr.details').textContent();
    assert(detail.includes('</script><img src=x'), detail);
    await page.locator('#search').fill('p13@example.com');
    await page.locator('#rows tr.change').first().click();
    assert((await page.locator('tr.details').textContent()).includes('\\u{202e}'));
    assert.equal(await page.title().then(title => title.includes('taken')), false);
    assert.equal(await page.locator('img').count(), 0);
    assert.deepEqual(page.complaints, []);
    await page.close();
  },
  async 'search, filters, sorting and the keyboard'() {
    const page = await open(changed);
    const all = await rows(page);
    await page.locator('#state').selectOption('held');
    assert.equal(await rows(page), 12);
    await page.locator('#state').selectOption('');
    await page.locator('#kind').selectOption('create');
    assert.equal(await rows(page), 4);
    await page.locator('#kind').selectOption('');
    await page.locator('#search').fill('p6@example.com nothing-such');
    assert.equal(await rows(page), 0);
    assert.match(await shown(page), /^0 of /);
    await page.locator('#search').fill('');
    assert.equal(await rows(page), all);
    await page.getByRole('button', {name: 'Person'}).click();
    const first = await page.locator('#rows tr.change td:nth-child(4)').first().textContent();
    await page.getByRole('button', {name: 'Person'}).click();
    assert.notEqual(await page.locator('#rows tr.change td:nth-child(4)').first().textContent(), first);
    await page.locator('#rows tr.change').first().focus();
    await page.keyboard.press('Enter');
    assert.equal(await page.locator('tr.details').count(), 1);
    await page.close();
  },
  async 'dark, narrow and printed'() {
    const dark = await open(changed, {colorScheme: 'dark'});
    await picture(dark, 'dark');
    const narrow = await open(changed, {viewport: {width: 400, height: 800}});
    assert.equal(await narrow.evaluate(() => document.documentElement.scrollWidth <= 400), true, 'it scrolls sideways');
    await picture(narrow, 'narrow');
    const printed = await open(changed);
    await printed.emulateMedia({media: 'print'});
    await printed.locator('#rows tr.change').first().click();
    await printed.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
    assert.equal(await printed.locator('#rows tr.details').count(), await rows(printed), 'paper has what each change is');
    await picture(printed, 'printed');
    await printed.evaluate(() => window.dispatchEvent(new Event('afterprint')));
    assert.equal(await printed.locator('#rows tr.details').count(), 1, 'the screen has what was opened there');
    await Promise.all([dark, narrow, printed].map(page => page.close()));
  },
  async 'ten thousand changes open and answer without a stall'() {
    const page = await open(large);
    assert.match(await page.locator('#headline').textContent(), /10,000 changes would be made/);
    assert.equal(await rows(page), 200);
    await page.locator('#more').click();
    assert.equal(await rows(page), 400);
    await page.locator('#search').fill('p9999@example.com');
    assert.equal(await shown(page), '1 of 10,000 changes');
    await page.locator('#search').fill('');
    await page.emulateMedia({media: 'print'});
    assert.equal(await page.locator('#left').innerText(), '200 of 10,000 changes are printed.');
    await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
    assert.equal(await page.locator('#left').innerText(), '2,000 of 10,000 changes are printed.');
    await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
    await page.emulateMedia({media: 'screen'});
    await page.getByRole('button', {name: 'Account'}).click();
    await page.getByRole('button', {name: 'Account'}).click();
    assert.equal(await page.locator('#rows tr.change td:nth-child(3)').first().textContent(), 'p9@example.com');
    await page.locator('#rows tr.change').first().click();
    const detail = await page.locator('tr.details').textContent();
    for (const part of ['First9 Last9', 'person.name (usher.yaml:', 'group engineering', 'm_read', 'person.department == "engineering" (usher.yaml:'])
      assert(detail.includes(part), detail);
    await page.reload();
    await page.locator('#search').blur();
    await page.mouse.move(0, 0);
    await page.evaluate(() => document.querySelectorAll('#rows tr:nth-child(n+30)').forEach(row => row.remove()));
    await picture(page, 'ten-thousand');
    await page.close();
  },
  async 'a terminal of 80 columns'() {
    const plan = `stty cols 80; '${path.join(build, 'usher')}' plan --offline --no-progress`;
    let text = '';
    try {
      text = execFileSync('script', ['-qec', plan, '/dev/null'], {cwd: changed.folder, env: {...process.env, SECRET: '12345678', TERM: 'xterm-256color', PAGER: 'cat'}}).toString();
    } catch (error) {
      text = error.stdout.toString();  // a plan with changes does not end with 0
    }
    assert.match(text, /\u001b\[/, 'a terminal gets colours');
    const page = await browser.newPage({viewport: {width: 760, height: 700}});
    const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('\r', '');
    const colours = {1: 'font-weight:bold', 2: 'opacity:.6', 31: 'color:#f66', 32: 'color:#6c6', 33: 'color:#dc6', 34: 'color:#69f', 35: 'color:#d8d', 36: 'color:#6cc'};
    const spans = escaped.replace(/\u001b\[([\d;]*)m/g, (_, codes) => codes === '' || codes === '0' ? '</span>' :
      `<span style="${codes.split(';').map(code => colours[code] ?? '').join(';')}">`);
    await page.setContent(`<body style="margin:8px;background:#111;color:#ddd"><pre style="width:80ch;white-space:pre-wrap;overflow-wrap:anywhere;font:14px 'Liberation Mono'">${spans}</pre>`);
    await picture(page, 'terminal');
    await page.close();
  },
  async 'what a sync did, and what it did not'() {
    await changed.fault({method: 'PATCH', nth: 1, status: 409});
    changed.usher(['sync', '--quiet', '--report', 'sync.html'], [3, 4]);
    const page = await open(changed, {}, 'sync.html');
    assert.match(await page.locator('#headline').textContent(), /^\d+ changes were made · 1 not done · 12 held by guards/);
    assert.match(await page.locator('#origin').textContent(), /Run \d+ carried it out: .* 1 failed/);
    await page.locator('#state').selectOption('failed');
    assert.equal(await rows(page), 1);
    assert.equal(await page.locator('#rows tr.change .mark').textContent(), 'failed');
    await page.locator('#rows tr.change').first().click();
    assert.match(await page.locator('tr.details').textContent(), /409/);
    assert.equal(await page.locator('#trend .chart').count(), 2);
    await picture(page, 'done');
    assert.deepEqual(page.complaints, []);
    await page.close();
  }
};

let passed = 0, failed = 0;
for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok       ${name}`);
    ++passed;
  } catch (error) {
    console.log(`failed   ${name}\n${String(error.stack ?? error).replace(/^/gm, '         ')}`);
    ++failed;
  }
}
await browser.close();
for (const world of worlds) world.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
