/**
 * Runs in the page: what is too wide, has no name, or has less contrast than WCAG AA asks for. Read as text by browser.ts, so
 * that the rest of the tests knows nothing of a window.
 */
function lookAtPage() {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return Array.from(canvas.getImageData(0, 0, 1, 1).data);
  };
  const light = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const ground = rgba(getComputedStyle(at).backgroundColor);
      if (ground[3] > 127) return ground;
    }
    return rgba('white');
  };
  const visible = Array.from(document.querySelectorAll('body *')).filter((element) => element.checkVisibility());
  const says = (element) =>
    Array.from(element.childNodes).some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== '');
  const texts = visible.filter((element) => says(element) && !element.matches(':disabled, .unseen, .skip, option'));
  const faint = texts.flatMap((element) => {
    const [text, ground] = [light(rgba(getComputedStyle(element).color)), light(groundOf(element))];
    const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
    return contrast < 4.5 ? [`${element.textContent.slice(0, 40)}: ${contrast.toFixed(2)}`] : [];
  });
  const controls = visible.filter((element) => element.matches('button, a[href], input, select, textarea, img'));
  const nameless = controls.filter((element) => {
    if (element.closest('[aria-hidden=true]') !== null || element.matches('img[alt]')) return false;
    return !(element.getAttribute('aria-label') || element.textContent.trim() || element.labels?.length);
  });
  const { scrollWidth, clientWidth } = document.documentElement;
  return {
    texts: texts.length,
    controls: controls.length,
    tooWidePx: Math.max(0, scrollWidth - clientWidth),
    nameless: nameless.map((element) => element.outerHTML.slice(0, 120)),
    faint,
  };
}
lookAtPage();
