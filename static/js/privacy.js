// The desk faces guests: hide names and money at a key; lock when nobody is there.
const root = document.documentElement;
const buttons = document.querySelectorAll('[data-privacy]');
const show = on => {
  root.classList.toggle('private', on);
  buttons.forEach(b => b.setAttribute('aria-pressed', on));
};
const kept = { get: () => { try { return sessionStorage.private === '1'; } catch { return false; } }, set: on => { try { sessionStorage.private = on ? '1' : '0'; } catch { /* no storage, no memory */ } } };
show(kept.get());
buttons.forEach(b => b.addEventListener('click', () => {
  const on = !root.classList.contains('private');
  show(on);
  kept.set(on);
}));

const form = document.querySelector('form[data-lock]');
const minutes = Number(root.dataset.lockMinutes);
if (form && minutes > 0) {
  let last = Date.now(), locking = false;
  const awake = () => { if (!locking) last = Date.now(); };
  ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart'].forEach(n => addEventListener(n, awake, { passive: true, capture: true }));
  const check = () => {
    if (locking || Date.now() - last < minutes * 60000) return;
    locking = true;
    dispatchEvent(new Event('lock'));
    form.submit(); // straight to the sign-in page, whatever is half typed
  };
  setInterval(check, 10000);
  addEventListener('visibilitychange', () => document.hidden || check());
}
