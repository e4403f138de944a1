// Submitting twice is harmless; what is typed is not lost; errors take the focus.
const text = name => document.body.dataset[name] ?? '';
const summary = document.querySelector('[data-errors]');
if (summary) {
  summary.tabIndex = -1;
  summary.focus();
}
const changed = new Set();
document.addEventListener('input', e => {
  const form = e.target.form;
  if (form?.hasAttribute('data-guard')) changed.add(form);
});
document.addEventListener('submit', e => {
  const form = e.target;
  if (form.method === 'dialog' || form.hasAttribute('data-search')) return;
  if (form.getAttribute('aria-busy') === 'true') return e.preventDefault();
  changed.delete(form);
  form.setAttribute('aria-busy', 'true'); // aria only: a disabled button would drop its own name and value
  setTimeout(() => form.removeAttribute('aria-busy'), 8000); // an answer that was a file leaves us here
  const say = form.querySelector('[data-say]');
  if (say) say.textContent = text('busy');
});
addEventListener('lock', () => changed.clear());
addEventListener('beforeunload', e => changed.size && e.preventDefault());
addEventListener('pageshow', e => e.persisted && document.querySelectorAll('form[aria-busy]').forEach(f => f.removeAttribute('aria-busy')));
// A filter that changes submits itself; its button stays for everybody else.
document.addEventListener('change', e => e.target.matches('[data-auto]') && e.target.form.requestSubmit());
// Print buttons exist only where a script can print.
document.querySelectorAll('[data-print]').forEach(b => {
  b.hidden = false;
  b.addEventListener('click', () => print());
});
