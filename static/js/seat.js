// The host stand without a network: what is done is kept, sent when the line is back, and its answer is told. Nothing is lost in silence.
const box = document.querySelector('[data-queued]');
if (box) {
  const KEY = 'seat-queue', words = box.dataset, list = box.querySelector('ul');
  const read = () => { try { return JSON.parse(localStorage[KEY] ?? '[]'); } catch { return []; } };
  const write = all => { try { localStorage[KEY] = JSON.stringify(all); } catch { /* full or forbidden: it stays on the page */ } kept = all; show(); };
  let kept = read(), sending = false, later;

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
  // Each action has a key of its own: sent again because its answer was lost, it is done once; done again on purpose, it is another.
  const renew = form => {
    const once = form.elements.namedItem('once');
    if (once) once.value = [...crypto.getRandomValues(new Uint8Array(16))].map(n => n.toString(16).padStart(2, '0')).join('');
  };
  // The answer is the page that follows, with what was done or refused on it.
  const send = async one => {
    const answer = await fetch(one.action, { method: 'POST', body: new URLSearchParams(one.body) });
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const flash = page.querySelector('.flash p') ?? page.querySelector('.errors li, main p:not(.stale, .vh)');
    if (page.querySelector('form[action="/login"]')) return words.lost;
    return flash?.textContent.trim() || (answer.ok ? words.sent : words.lost);
  };
  const flush = async () => {
    if (sending) return;
    sending = true;
    try {
      for (const one of kept.filter(one => !one.said)) {
        const said = await send(one);
        write(kept.map(other => (other.id === one.id ? { ...other, said } : other)));
      }
    } catch { // still no line, or one that has just come back
      clearTimeout(later);
      later = setTimeout(() => navigator.onLine && flush(), 3000);
    } finally { sending = false; }
  };
  document.addEventListener('submit', e => {
    const form = e.target;
    if (e.defaultPrevented || navigator.onLine) return;
    e.preventDefault();
    if (!form.matches?.('[data-queue]')) {
      form.removeAttribute('aria-busy');
      return old();
    }
    const body = new FormData(form, e.submitter);
    const action = e.submitter?.getAttribute('formaction') ?? form.action;
    write([...kept, { id: `${Date.now()}-${kept.length}`, label: [...new Set([form.dataset.queue, e.submitter?.textContent.trim()])].filter(Boolean).join(' · '), action, body: [...body] }]);
    renew(form);
    form.removeAttribute('aria-busy');
    box.scrollIntoView({ block: 'nearest' });
  });
  // Without a line a page can't be fetched: this one stays, marked as old.
  document.addEventListener('click', e => {
    if (navigator.onLine || !e.target.closest?.('main a, .rail a')) return;
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
  if (navigator.onLine) flush(); else old();
}
