"""The first words of the consent. Later versions are published by the administrator and kept beside it.

They say what is true of this product and claim no legal effect: an internal pledge is a management instrument.
"""

FIRST = """\
I agree that I may sign pledges of this company electronically, here, instead of by hand on paper.

## What this means

- **A signature is one deed for one document.** Each document is shown to me whole before I decide. Nothing is signed by opening a page or a link, and there is no way to sign several at once.
- **What counts as my signature** is the sentence beside the button, for the very text and the very PDF whose fingerprints are shown, together with what proves that it is I: my passkey, else a code that changes, else my password. Which of them it was is printed with my signature; a passkey is the strongest of them, and the company cannot sign with it in my stead.
- **I keep my means of signing to myself.** I tell nobody my password or codes and lend nobody my device. If I lose one, I say so at once.
- **I may decline.** Declining stands beside signing, is as easy, and needs no reason.

## What is recorded

Who signed, in which role, when by the clock of the company's server, by which means, that the text was read to its end, and, as evidence that only I and the auditor can read: the network address, the browser, and a drawn or typed mark if I made one. That evidence can be erased after its time; the signature itself stays and can still be checked.

## My rights

- I receive a copy of everything that I signed, by mail, as soon as all have signed.
- **I may ask for a paper copy** of this text and of each document, before or after signing, at no cost, from whoever asked me to sign.
- **I may withdraw this consent** at any time on the page where I gave it. From then on I sign nothing here electronically; what I signed before stays signed.

## What it is not

It is not a qualified electronic signature, and no licensed authority or outside clock stands behind it unless the document says so. The parties agree that among themselves these conditions of reliability are enough for internal pledges. This text is not legal advice.
"""

FIRST_LOCAL = """\
我同意在本系统中以电子方式签署本公司的军令状，以代替在纸上亲笔签名。

## 这意味着什么

- **一次签署只针对一份文件。** 在我做出决定之前，每份文件都会完整地展示给我。打开页面或链接不构成签署，也不存在一次签署多份文件的方式。
- **构成我的签名的是**按钮旁边的那句话，它针对所示指纹对应的正文与 PDF，并附有证明是我本人的依据：我的通行密钥，否则为动态验证码，否则为我的密码。所用的方式会与我的签名一同印出；其中通行密钥最强，公司无法用它代我签署。
- **我自行保管我的签署手段。** 我不把密码或验证码告诉他人，也不把设备借给他人。一旦丢失，我立即告知。
- **我可以谢绝签署。** 谢绝就在签署旁边，同样容易，也不需要理由。

## 记录哪些内容

谁签署、以何种身份、按公司服务器时钟在何时、以何种方式、正文已读到末尾；以及只有我本人和审计员可以看到的证据：网络地址、浏览器，以及我手写或键入的签名（如有）。这些证据到期后可以删除；签名本身仍然保留，并且仍可核验。

## 我的权利

- 所有人签署完毕后，我会立即通过邮件收到我所签文件的副本。
- **我可以索取**本文及每份文件的**纸质副本**，签署之前或之后均可，不收费用，向请我签署的人提出即可。
- **我可以随时撤回本同意**，就在给出同意的页面上。此后我不再在此以电子方式签署；此前签署的仍然有效。

## 它不是什么

它不是合格电子签名；除文件另有说明外，背后没有持牌机构，也没有外部时钟。各方约定，就内部军令状而言，上述可靠性条件在彼此之间已经足够。本文不构成法律意见。
"""
