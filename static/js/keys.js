// Single keys press what is visible: any [data-key] link, button or summary. `g a` is a sequence.
const root = document.documentElement;
const seen = el => el && (el.checkVisibility ? el.checkVisibility() : el.getClientRects().length > 0);
const field = el => el?.closest?.('input:not([type=checkbox],[type=radio],[type=button],[type=submit]), textarea, select, [contenteditable]');
const rows = () => [...document.querySelectorAll('[data-row]')].filter(seen);
const link = row => row.querySelector('a.open, a[href], button') ?? row;
const here = () => document.activeElement?.closest?.('[data-row]');
let first = '', forget;

const find = key => {
  const name = `[data-key="${CSS.escape(key)}"]`;
  const own = here()?.querySelector(name);
  if (own) return own;
  return [...document.querySelectorAll(name)].find(el => !el.closest('[data-row]') && (seen(el) || el.closest('details.menu, .rail')));
};
const press = el => {
  if (el.disabled || el.getAttribute('aria-disabled') === 'true') return;
  if (el.tagName !== 'SUMMARY') return el.click();
  const fold = el.parentElement;
  fold.open = !fold.open;
  (fold.open && fold.querySelector('input:not([type=hidden]), textarea, select') || el).focus();
};
const move = step => {
  const all = rows();
  if (!all.length) return false;
  const at = all.indexOf(here());
  const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step))];
  link(next).focus();
  next.scrollIntoView({ block: 'nearest' });
  return true;
};
const help = () => document.getElementById('help')?.showModal?.();
const search = () => {
  const box = document.querySelector('[data-search-input]');
  box?.focus();
  box?.select();
  return !!box;
};
const back = () => {
  const open = document.querySelector('details.menu[open], details.fold[open]');
  if (open) {
    open.open = false;
    open.querySelector('summary').focus();
  } else if (field(document.activeElement)) document.activeElement.blur();
  else document.querySelector('[data-back]')?.click();
};

document.addEventListener('keydown', e => {
  if (e.isComposing || e.keyCode === 229 || e.defaultPrevented || document.querySelector('dialog[open]')) return;
  if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'k' && !e.altKey && !e.shiftKey) return search() && e.preventDefault();
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  if (e.key === 'Escape') return back();
  if (root.dataset.shortcuts === 'off' || field(e.target)) return;
  const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
  // A key held down moves on, and does not act again on the page it led to.
  if (e.repeat && key !== 'j' && key !== 'k') return;
  if (key === 'Enter') {
    // Enter on a link, button or summary is its own; elsewhere it is the page's main action.
    if (e.target.closest('a, button, summary, input')) return;
    const main = document.querySelector('[data-main]');
    if (seen(main)) { e.preventDefault(); press(main); }
    return;
  }
  const went = first;
  first = '';
  clearTimeout(forget);
  const target = (went && find(`${went} ${key}`)) || find(key);
  if (target) { e.preventDefault(); press(target); }
  else if (key === '/') search() && e.preventDefault();
  else if (key === '?') { e.preventDefault(); help(); }
  else if (key === 'j' || key === 'k') move(key === 'j' ? 1 : -1) && e.preventDefault();
  else if (document.querySelector(`[data-key^="${CSS.escape(key)} "]`)) {
    first = key;
    forget = setTimeout(() => (first = ''), 1200);
  }
});
// After an action the server may send us back to a row: /arrivals#stay-7.
const sent = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
if (sent && sent.matches('[data-row]')) link(sent).focus();

document.addEventListener('click', e => {
  if (e.target.closest('[data-help]') && document.getElementById('help')) { e.preventDefault(); help(); }
});
