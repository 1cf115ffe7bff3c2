cases = get_param("cases")
lines, passed = [], 0
for done, case in enumerate(cases, 1):
    try:
        outputs = dify({get_param("input"): case["question"]}, app=get_param("app"))
        answer = json.dumps(outputs, ensure_ascii=False)
        missing = [word for word in case["expected"] if word.lower() not in answer.lower()]
    except Exception as error:
        missing = [str(error)]
    passed += not missing
    lines.append(f"- {'❌' if missing else '✅'} {' · '.join([case['question'], *missing])}")
    progress(done, len(cases))
result = {"title": f"{get_param('title')} {passed}/{len(cases)}", "content": "\n".join(lines)}
