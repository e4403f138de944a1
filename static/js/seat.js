// The host stand without a network: what is done is kept, sent when the line is back, and its answer is told. Nothing is lost in silence.
const box = document.querySelector('[data-queued]');
if (box) {
  const KEY = 'seat-queue', words = box.dataset, list = box.querySelector('ul');
  const read = () => { try { return JSON.parse(localStorage[KEY] ?? '[]'); } catch { return []; } };
  const write = all => { try { localStorage[KEY] = JSON.stringify(all); } catch { /* full or forbidden: it stays on the page */ } kept = all; show(); };
  let kept = read(), sending = false;

  const show = () => {
    box.hidden = !kept.length;
    list.replaceChildren(...kept.map(one => {
      const li = document.createElement('li'), what = document.createElement('b'), how = document.createElement('span');
      what.textContent = one.label;
      how.textContent = one.said ?? words.waits;
      li.append(what, how);
      if (one.said) {
        const done = document.createElement('button');
        Object.assign(done, { type: 'button', className: 'btn small', textContent: words.done });
        done.addEventListener('click', () => write(kept.filter(other => other.id !== one.id)));
        li.append(done);
      }
      return li;
    }));
  };
  // The answer is the page that follows, with what was done or refused on it.
  const send = async one => {
    const answer = await fetch(one.action, { method: 'POST', body: new URLSearchParams(one.body) });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const flash = page.querySelector('.flash p, main p');
    if (page.querySelector('form[action="/login"]')) return words.lost;
    return flash?.textContent ?? (answer.ok ? words.sent : words.lost);
  };
  const flush = async () => {
    if (sending) return;
    sending = true;
    try {
      for (const one of kept.filter(one => !one.said)) {
        const said = await send(one);
        write(kept.map(other => (other.id === one.id ? { ...other, said } : other)));
      }
    } catch { /* still no line */ } finally { sending = false; }
  };
  document.addEventListener('submit', e => {
    const form = e.target;
    if (e.defaultPrevented || !form.matches?.('[data-queue]') || navigator.onLine) return;
    e.preventDefault();
    const body = new FormData(form, e.submitter);
    const action = e.submitter?.getAttribute('formaction') ?? form.action;
    write([...kept, { id: `${Date.now()}-${kept.length}`, label: `${form.dataset.queue} · ${e.submitter?.textContent.trim() ?? ''}`, action, body: [...body] }]);
    form.removeAttribute('aria-busy');
    box.scrollIntoView({ block: 'nearest' });
  });
  // Without a line a page can't be fetched: this one stays, marked as old.
  document.addEventListener('click', e => {
    if (navigator.onLine || !e.target.closest?.('.stand a, .rail a')) return;
    e.preventDefault();
    old();
  });
  const banner = document.querySelector('[data-live-banner]');
  const old = () => {
    if (!banner) return;
    const time = banner.dataset.since ??= new Date().toLocaleTimeString(document.documentElement.lang, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: document.querySelector('[data-zone]')?.dataset.zone });
    banner.textContent = banner.dataset.text.replace('{time}', time);
    banner.hidden = false;
  };
  addEventListener('offline', old);
  addEventListener('online', () => { delete banner?.dataset.since; flush(); });
  show();
  if (navigator.onLine) flush();
}
