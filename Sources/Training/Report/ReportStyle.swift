/// The style sheet of a report's page, apart from its charts.
enum ReportStyle {
  /// Colours by their use, then layout from the top of the page to its end.
  static let styleSheet = """
    :root{color-scheme:light dark;--page:#f4f5f8;--card:#fff;--line:#e3e6ec;--ink:#1d2430;\
    --muted:#667085;--accent:#2563d9;--soft:#e8effc;--code:#f4f5f8;\
    --shadow:0 1px 2px rgba(16,24,40,.05)}
    @media (prefers-color-scheme:dark){:root{--page:#0e1117;--card:#161a22;--line:#272e3a;\
    --ink:#e6eaf1;--muted:#97a3b6;--accent:#7fb0ff;--soft:#1b2740;--code:#0e1117;--shadow:none}}
    *{box-sizing:border-box}
    body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 \(ChartStyle.fontFamily);\
    font-variant-numeric:tabular-nums;-webkit-text-size-adjust:100%}
    main{max-width:1212px;margin:0 auto;padding:40px 24px 32px}
    h1,h2,h3,h4,p,dl,dd,ol{margin:0;padding:0}
    header{margin-bottom:24px}
    .eyebrow{color:var(--accent);font-size:13px;font-weight:600;letter-spacing:.02em}
    h1{font-size:30px;line-height:1.25;font-weight:650;letter-spacing:-.015em;\
    overflow-wrap:anywhere}
    .status{display:inline-block;margin-left:12px;padding:3px 10px;border-radius:99px;\
    background:var(--soft);color:var(--accent);font-size:13px;font-weight:600;letter-spacing:0;\
    vertical-align:4px}
    .subtitle{margin-top:4px;color:var(--muted);font-size:16px;overflow-wrap:anywhere}
    .note,small{color:var(--muted);font-size:13px}
    .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(172px,1fr));gap:12px}
    .figure,.card{background:var(--card);border:1px solid var(--line);border-radius:12px;\
    box-shadow:var(--shadow)}
    .figure{padding:14px 16px 12px}
    .figure dt{color:var(--muted);font-size:13px}
    .figure .value{margin-top:2px;font-size:25px;line-height:1.3;font-weight:600;\
    letter-spacing:-.01em}
    .figure .note{font-size:12.5px}
    .leading{border-color:var(--accent)}
    .leading .value{color:var(--accent)}
    section{margin-top:36px}
    h2{margin-bottom:12px;font-size:19px;line-height:1.3;font-weight:600;letter-spacing:-.01em}
    section>.note{margin:-8px 0 12px}
    .grid{display:grid;gap:16px}
    .grid+.grid{margin-top:16px}
    .of-2{grid-template-columns:repeat(2,minmax(0,1fr))}
    .of-3{grid-template-columns:repeat(3,minmax(0,1fr))}
    .card{min-width:0;padding:14px 16px 12px;break-inside:avoid}
    h3{display:flex;flex-wrap:wrap;gap:0 10px;align-items:baseline;margin-bottom:2px;\
    font-size:15px;font-weight:600;overflow-wrap:anywhere}
    h3 small{font-weight:400}
    h4{margin:14px 0 4px;font-size:13px;font-weight:600}
    svg{display:block;width:100%;height:auto}
    svg+svg{margin-top:8px}
    table{width:100%;border-collapse:collapse;font-size:13.5px}
    th{font-weight:400;text-align:left}
    th,td{padding:5px 0;border-top:1px solid var(--line);vertical-align:top}
    thead th{border-top:0;color:var(--muted);font-size:12.5px}
    .number{text-align:right;white-space:nowrap;padding-left:14px}
    .scroll{max-height:640px;overflow:auto}
    .classes th[scope=row]{overflow-wrap:anywhere}
    .bar{display:inline-block;width:56px;height:6px;margin-right:10px;border-radius:3px;\
    background:var(--soft);vertical-align:2px;overflow:hidden}
    .bar i{display:block;height:100%;border-radius:3px;background:var(--accent)}
    .mistakes{list-style:none;font-size:13.5px}
    .mistakes li{display:flex;gap:0 .3em;flex-wrap:wrap;padding:2px 0}
    .mistakes b{font-weight:600}
    .mistakes small{margin-left:auto}
    .pairs th{width:1%;padding-right:24px;color:var(--muted);white-space:nowrap}
    .pairs td,pre{font-family:ui-monospace,'SF Mono',SFMono-Regular,Menlo,Consolas,\
    'Liberation Mono',monospace;font-size:12.5px;line-height:1.6;overflow-wrap:anywhere}
    .pairs tr:first-child>*{border-top:0}
    pre{margin:4px 0 12px;padding:10px 12px;border-radius:8px;background:var(--code);\
    border:1px solid var(--line);white-space:pre-wrap}
    footer{margin-top:32px;color:var(--muted);font-size:12.5px;text-align:center}
    @media (max-width:820px){main{padding:24px 14px}.of-2,.of-3{grid-template-columns:minmax(0,1fr)}\
    h1{font-size:25px}.pairs th{white-space:normal;width:auto}}
    @media print{body{background:none}main{max-width:none;padding:0}.scroll{max-height:none}}

    """
}
