'use strict';
(() => {
  const read = id => JSON.parse(document.getElementById(id).textContent);
  const report = read('report');
  const notes = read('all-notes');
  const runs = read('runs');
  const outcome = read('outcome');  // null: the plan was only made
  const plan = report.plan;
  const find = id => document.getElementById(id);
  const number = value => value.toLocaleString('en');
  const counted = (value, one, many) => `${number(value)} ${value === 1 ? one : many}`;

  // Characters that a screen does not show are shown as escapes, so that no value of a platform can hide or turn text.
  const hidden = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]|[\u{e0000}-\u{e007f}]/gu;
  const shown = text => String(text).replace(hidden, c => `\\u{${c.codePointAt(0).toString(16)}}`);

  const make = (tag, className, ...children) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    for (const child of children) element.append(child instanceof Node ? child : shown(child));
    return element;
  };

  const taking = ['delete', 'disable', 'lock', 'remove-membership', 'revoke'];
  const giving = ['create', 'enable', 'unlock', 'add-membership'];
  const tone = kind => taking.includes(kind) ? 'take' : giving.includes(kind) ? 'give' : 'alter';
  const order = ['delete', 'disable', 'lock', 'revoke', 'remove-membership', 'change-membership', 'update', 'rotate',
    'add-membership', 'unlock', 'enable', 'create'];
  const rank = kind => { const at = order.indexOf(kind); return at < 0 ? order.length : at; };

  // Rows as engine/report/html_changes.hpp has them. Ten thousand are read at once, so that nothing is made of one before it is shown.
  const {rows, texts} = read('all-changes');
  const changes = rows.map((row, index) => ({
    index, kind: texts[row[0]], platform: texts[row[1]], because: texts[row[2]], person: row[3], account: row[4],
    label: row[5] || row[4] || row[3], held: row[6], takes: row[7], fields: row[8], memberships: row[9], failed: row[10],
    final: row[11],
    state: row[10].length ? 'failed' : row[6] ? 'held' : 'ready', text: null
  }));
  // What search looks in.
  const text_of = change => change.text ??= [change.kind, change.platform, change.label, change.account, change.person, change.because,
    ...change.fields.map(([path]) => texts[path]),
    ...change.memberships.map(([,, entitlement, name]) => texts[name] || texts[entitlement])].join('\n').toLowerCase();
  const removalsFirst = (a, b) => (b.failed.length > 0) - (a.failed.length > 0) || a.held - b.held || b.takes - a.takes ||
    rank(a.kind) - rank(b.kind) || a.index - b.index;
  changes.sort(removalsFirst);

  const attention = notes.filter(note => !['chosen', 'information'].includes(note.severity));
  const quiet = notes.filter(note => ['chosen', 'information'].includes(note.severity));

  const summary = () => {
    const count = state => changes.filter(change => change.state === state).length;
    const parts = outcome
      ? [changes.length ? counted(count('ready'), 'change was made', 'changes were made') : 'Nothing was changed']
      : [changes.length ? counted(count('ready'), 'change would be made', 'changes would be made') : 'Nothing would change'];
    if (count('failed')) parts.push(`${number(count('failed'))} not done`);
    if (count('held')) parts.push(`${number(count('held'))} held by guards`);
    if (attention.length) parts.push(counted(attention.length, 'note needs attention', 'notes need attention'));
    find('headline').textContent = parts.join(' · ');
    find('origin').textContent = shown(`Plan ${plan.digest.slice(0, 12)}, for ${plan.now}, made by usher ${plan.program}.` +
      (plan.only && plan.only.length ? ` Only for ${plan.only.join(', ')}.` : '') + (outcome ? ` ${outcome.sentence}` : ' Nothing was written to make this report.'));
  };

  const grouped = (notes, list) => {
    const causes = new Map();
    for (const note of notes) {
      const cause = `${note.platform}\u0000${note.kind}\u0000${note.cause || note.message}`;
      if (!causes.has(cause)) causes.set(cause, {note, names: [], count: 0});
      causes.get(cause).count++;
      if (note.person || note.account) causes.get(cause).names.push(note.person || note.account);
    }
    for (const {note, names, count} of causes.values()) {
      const why = count === 1 ? note.message : note.cause || note.message;
      const who = names.slice(0, 3).join(', ') + (names.length > 3 ? ` and ${number(names.length - 3)} more` : '');
      list.append(make('li', '', make('b', '', note.platform), ` ${who}${who ? ' ' : ''}${why} `,
        make('span', 'dim', `(${note.kind})`)));
    }
  };

  const cards = () => {
    const place = document.querySelector('#platforms .cards');
    for (const platform of report.summary) {
      const seal = plan.seals.find(each => each.platform === platform.platform);
      const kinds = Object.entries(platform.operations).sort((a, b) => rank(a[0]) - rank(b[0]));
      const total = kinds.reduce((sum, [, count]) => sum + count.operations, 0);
      const stack = make('div', 'stack');
      const counts = make('div', 'counts');
      for (const [kind, count] of kinds) {
        const part = make('span', tone(kind));
        part.style.width = `${100 * count.operations / total}%`;
        part.title = `${kind}: ${number(count.operations)}`;
        stack.append(part);
        counts.append(make('span', tone(kind), make('b', '', number(count.operations)),
          ` ${kind}${count.held ? `, ${number(count.held)} held` : ''}`));
      }
      if (!kinds.length) counts.append(make('span', 'dim', 'nothing to do'));
      const proof = seal ? make('span', seal.sealed ? 'seal' : 'seal open', seal.sealed ? 'complete' : 'not complete') : '';
      const card = make('div', 'card', make('h3', '', make('span', '', platform.platform), proof), stack, counts);
      if (seal) card.append(make('p', 'dim', `${counted(seal.accounts, 'account', 'accounts')}, `, make('span', 'moment', `read ${seal['taken-at']}`)));
      if (seal && !seal.sealed) card.append(make('p', 'dim', `${seal['why-not']}; nobody is treated as absent`));
      const cost = (plan.costs || {})[platform.platform];
      if (cost) card.append(make('p', 'dim', counted(cost.requests, 'request', 'requests') +
        (cost.seconds >= 1 ? `, about ${number(cost.seconds)} s at ${cost.rate} a second` : '')));
      place.append(card);
    }
  };

  const guards = () => {
    const uses = plan.guards || plan.objections.map(({platform, guard, wanted, allowed, population}) =>
      ({platform, guard, used: wanted, allowed, population}));
    if (plan.guards && !uses.length) return;
    find('guards').hidden = false;
    const place = document.querySelector('#guards .bars');
    for (const use of uses) {
      const bar = make('div', 'stack');
      const most = Math.max(use.used, use.allowed, 1);
      const part = (className, from, to, title) => {
        const element = make('span', className);
        element.style.width = `${100 * (to - from) / most}%`;
        element.title = title;
        bar.append(element);
      };
      const within = Math.min(use.used, use.allowed);
      part('give', 0, within, `${number(within)} of ${number(use.population)} are within the limit`);
      if (use.used > within) part('take', within, use.used, `${number(use.used - within)} are above the limit`);
      const row = make('div', 'guard', make('b', '', `${use.platform}: ${use.guard}`), bar,
        make('span', '', `${number(use.used)} used, ${number(use.allowed)} allowed`));
      const objection = plan.objections.find(each => each.platform === use.platform && each.guard === use.guard);
      if (use.used > use.allowed && objection) row.append(make('p', '', objection.message));
      place.append(row);
    }
    if (!plan.guards) place.append(make('p', 'dim', 'Of a plan that was made before, only the guards that hold something are known.'));
  };

  const chart = (title, values) => {
    const space = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(space, 'svg');
    svg.setAttribute('viewBox', `0 0 ${values.length * 10} 50`);
    svg.setAttribute('preserveAspectRatio', 'none');
    svg.setAttribute('role', 'img');
    svg.setAttribute('aria-label', title);
    const most = Math.max(...values.map(each => each.value), 1);
    values.forEach((each, i) => {
      const bar = document.createElementNS(space, 'rect');
      const height = each.value ? Math.max(2, 48 * each.value / most) : 0;
      for (const [name, value] of Object.entries({x: i * 10 + 1, y: 50 - height, width: 8, height})) bar.setAttribute(name, value);
      if (each.bad) bar.setAttribute('class', 'bad');
      const label = document.createElementNS(space, 'title');
      label.textContent = shown(`${each.name}: ${number(each.value)}`);
      bar.append(label);
      svg.append(bar);
    });
    return make('div', 'chart', make('div', 'dim', `${title}, at most ${number(most)}`), svg);
  };

  const trend = () => {
    if (runs.length < 2) return;
    find('trend').hidden = false;
    const place = document.querySelector('#trend .charts');
    const of = (run, state) => Object.values(run.operations || {}).reduce((sum, states) => sum + (states[state] || 0), 0);
    const name = run => `run ${run.run}, ${run['started-at']}`;
    place.append(chart('Operations done', runs.map(run => ({name: name(run), value: of(run, 'done')}))));
    place.append(chart('Failed or unknown', runs.map(run => ({name: name(run), value: of(run, 'failed') + of(run, 'unknown'), bad: true}))));
  };

  const value = each => each === null ? make('span', 'dim', 'nothing') :
    make('span', 'value', typeof each === 'string' ? each : JSON.stringify(each));
  const changed = (tag, each) => { const element = make(tag, ''); element.append(value(each)); return element; };

  const details = change => {
    const box = make('div', 'detail');
    const line = (name, before, after, why) => {
      const right = make('div', '');
      if (before !== undefined) right.append(changed('del', before), ' → ');
      if (after !== undefined) right.append(changed('ins', after));
      if (why) right.append(make('div', 'why', why));
      box.append(make('b', '', name), right);
    };
    for (const [state, message] of change.failed) line(state, undefined, undefined, message);
    if (change.account) line('account', undefined, change.account);
    for (const [path, rule, before, after] of change.fields) line(texts[path], before, after, texts[rule]);
    for (const [act, kind, entitlement, name, because, before, after] of change.memberships) {
      const does = texts[act], listed = does === 'add' ? 'joins' : does === 'remove' ? 'leaves' : 'changes';
      line(`${texts[kind]} ${texts[name] || texts[entitlement]}`,
        does === 'add' ? undefined : before.length ? before : 'member',
        does === 'remove' ? listed : after.length ? after : listed, texts[because]);
    }
    if (change.final) line('cannot be undone', undefined, change.final);
    if (!box.childElementCount) line('', undefined, change.because);
    const cell = make('td', '', box);
    cell.colSpan = 5;
    return make('tr', 'details', cell);
  };

  const change_of = new WeakMap();  // by its row
  const row = change => {
    const kind = make('td', tone(change.kind), make('span', 'kind', change.kind));
    if (change.held) kind.append(make('span', 'mark', 'held'));
    if (change.final) kind.append(make('span', 'mark', 'for good'));
    for (const state of new Set(change.failed.map(([state]) => state))) kind.append(make('span', 'mark', state));
    const line = make('tr', 'change', kind, make('td', '', change.platform), make('td', '', change.label),
      make('td', '', change.person), make('td', '', change.because));
    change_of.set(line, change);
    line.tabIndex = 0;
    line.setAttribute('aria-expanded', 'false');
    const turn = () => {
      const open = line.getAttribute('aria-expanded') === 'true';
      line.setAttribute('aria-expanded', String(!open));
      if (open) line.nextSibling.remove();
      else line.after(details(change));
    };
    line.addEventListener('click', turn);
    line.addEventListener('keydown', event => {
      if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); turn(); }
    });
    return line;
  };

  const at_once = 200;  // rows made at a time: ten thousand at once would stall the page
  let chosen = changes, made = 0, sorted = null, descending = false;
  const extend = () => {
    const part = document.createDocumentFragment();
    for (const change of chosen.slice(made, made + at_once)) part.append(row(change));
    find('rows').append(part);
    made = Math.min(made + at_once, chosen.length);
    find('more').hidden = made >= chosen.length;
    // Paper has neither the button nor the filters.
    find('left').hidden = made >= changes.length;
    find('left').textContent = `${number(made)} of ${number(changes.length)} changes are printed.`;
    find('more').textContent = `Show more (${number(chosen.length - made)} left)`;
  };
  const refresh = () => {
    const words = find('search').value.toLowerCase().split(/\s+/).filter(Boolean);
    const platform = find('platform').value, kind = find('kind').value, state = find('state').value;
    chosen = changes.filter(change => (!platform || change.platform === platform) && (!kind || change.kind === kind) &&
      (!state || change.state === state) && words.every(word => text_of(change).includes(word)));
    if (sorted) {
      const compare = (a, b) => (a[sorted] < b[sorted] ? -1 : a[sorted] > b[sorted] ? 1 : a.index - b.index);
      chosen.sort((a, b) => descending ? compare(b, a) : compare(a, b));
    }
    find('rows').replaceChildren();
    made = 0;
    extend();
    find('shown').textContent = `${number(chosen.length)} of ${counted(changes.length, 'change', 'changes')}`;
  };

  const choices = (id, values) => {
    for (const each of values) {
      const option = make('option', '', each);
      option.value = each;
      find(id).append(option);
    }
  };
  const sort_by = button => {
    descending = sorted === button.dataset.sort && !descending;
    sorted = button.dataset.sort;
    for (const each of document.querySelectorAll('th button')) each.removeAttribute('aria-sort');
    button.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
    refresh();
  };

  if (outcome) {
    find('state').options[1].textContent = 'done';
    const option = make('option', '', 'not done');
    option.value = 'failed';
    find('state').append(option);
  }
  summary();
  cards();
  guards();
  trend();
  if (attention.length) { find('attention').hidden = false; grouped(attention, document.querySelector('#attention ul')); }
  if (quiet.length) { find('notes').hidden = false; grouped(quiet, document.querySelector('#notes ul')); }
  choices('platform', [...new Set(changes.map(change => change.platform))].sort());
  choices('kind', [...new Set(changes.map(change => change.kind))].sort((a, b) => rank(a) - rank(b)));
  find('filters').addEventListener('submit', event => event.preventDefault());
  for (const id of ['search', 'platform', 'kind', 'state']) find(id).addEventListener('input', refresh);
  for (const button of document.querySelectorAll('th button')) button.addEventListener('click', () => sort_by(button));
  find('more').addEventListener('click', extend);
  // Nobody can open a row on paper: what was not opened on the screen is there as long as it is printed.
  let for_paper = [];
  window.addEventListener('beforeprint', () => {
    while (made < chosen.length && made < 2000) extend();
    for (const line of document.querySelectorAll('#rows tr.change[aria-expanded=false]')) {
      for_paper.push(details(change_of.get(line)));
      line.after(for_paper[for_paper.length - 1]);
    }
  });
  window.addEventListener('afterprint', () => { for_paper.forEach(box => box.remove()); for_paper = []; });
  refresh();
})();
